const PLENTY = 100_000;

/** Made in small numbers. */
const RARE: Readonly<Record<string, number>> = { 'KIT-KNIFE-20': 5, 'HOM-VASE-1': 2, 'HOM-LAMP-1': 0 };

const SKUS = [
  'TEA-ASSAM-100',
  'TEA-DARJ-100',
  'TEA-EARL-100',
  'TEA-SENCHA-100',
  'TEA-ROOI-250',
  'TEA-MINT-050',
  'COF-ESPR-500',
  'COF-FILT-500',
  'COF-DECAF-250',
  'COF-GRIND-1',
  'COF-PRESS-1L',
  'COF-DRIP-02',
  'COF-FLTR-100',
  'COF-KETTLE-1',
  'TEA-POT-12',
  'TEA-CUP-2',
  'MUG-BLUE-1',
  'MUG-SAND-1',
  'MUG-TRVL-1',
  'BTL-STEEL-7',
  'KIT-BOARD-OAK',
  'KIT-KNIFE-20',
  'KIT-KNIFE-09',
  'KIT-PAN-28',
  'KIT-POT-5L',
  'KIT-BOWL-3',
  'KIT-SCALE-5',
  'KIT-SPOON-1',
  'KIT-TOWEL-3',
  'KIT-APRON-1',
  'OIL-OLIVE-500',
  'VIN-APPLE-500',
  'HON-LIME-500',
  'HON-FOREST-500',
  'JAM-APRI-220',
  'JAM-RASP-220',
  'CHO-DARK-80',
  'CHO-MILK-80',
  'SAL-FLAKE-150',
  'PEP-BLACK-70',
  'SPI-CINN-40',
  'SPI-VAN-2',
  'HOM-CANDLE-1',
  'HOM-BLANKET-1',
  'HOM-CUSHION-1',
  'HOM-VASE-1',
  'HOM-BASKET-1',
  'HOM-BRUSH-1',
  'HOM-SOAP-3',
  'HOM-LAMP-1',
];

/** What lies on the shelves on the day the shop opens. */
export function openingStock(): { sku: string; on_hand: number; reserved: number }[] {
  return SKUS.map((sku) => ({ sku, on_hand: RARE[sku] ?? PLENTY, reserved: 0 }));
}
