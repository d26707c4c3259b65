/** What every service under measurement has on its shelf. */
export const tea = {
  id: 'sencha-green-tea',
  sku: 'TEA-SENCHA-100',
  name: 'Sencha green tea',
  description: 'Steamed Japanese leaves, 100 g',
  price: 990,
  currency: 'EUR' as const,
};

export const shelf: ReadonlyMap<string, typeof tea> = new Map([[tea.id, tea]]);
