interface Line {
  sku: string;
  quantity: number;
}
interface Offer {
  sku: string;
  name: string;
  price: number;
  currency: 'EUR';
}
type PricedLine = Line & { name: string; price: number };

/** The skus that nobody offers. */
export function unknownSkus(lines: readonly Line[], offers: readonly Offer[]): string[] {
  const known = new Set(offers.map(({ sku }) => sku));
  return lines.map(({ sku }) => sku).filter((sku) => !known.has(sku));
}

/** The lines at the prices offered, and what they come to. Every sku must be on offer. */
export function priced(
  lines: readonly Line[],
  offers: readonly Offer[],
): { lines: PricedLine[]; total: number; currency: Offer['currency'] } {
  const bySku = new Map(offers.map((offer) => [offer.sku, offer]));
  const pricedLines = lines.map(({ sku, quantity }) => {
    const { name, price } = bySku.get(sku)!;
    return { sku, name, quantity, price };
  });
  const total = pricedLines.reduce((sum, { quantity, price }) => sum + quantity * price, 0);
  return { lines: pricedLines, total, currency: offers[0]!.currency };
}
