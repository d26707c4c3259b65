/** What the shop opens with: sku, name, description, price in cents. */
const PRODUCTS: readonly (readonly [sku: string, name: string, description: string, price: number])[] = [
  ['TEA-ASSAM-100', 'Assam black tea', 'Malty leaves from the Brahmaputra valley, 100 g', 690],
  ['TEA-DARJ-100', 'Darjeeling first flush tea', 'Spring harvest, light and flowery, 100 g', 1450],
  ['TEA-EARL-100', 'Earl Grey tea', 'Black tea with real bergamot oil, 100 g', 790],
  ['TEA-SENCHA-100', 'Sencha green tea', 'Steamed Japanese leaves, 100 g', 990],
  ['TEA-ROOI-250', 'Rooibos tea', 'Red bush from the Cederberg, no caffeine, 250 g', 850],
  ['TEA-MINT-050', 'Peppermint tea', 'Whole dried leaves, 50 g', 450],
  ['COF-ESPR-500', 'Espresso beans', 'Dark roast with cocoa and hazelnut, 500 g', 1390],
  ['COF-FILT-500', 'Filter coffee beans', 'Light roast from Sidamo, 500 g', 1490],
  ['COF-DECAF-250', 'Decaf coffee beans', 'Washed with spring water, 250 g', 890],
  ['COF-GRIND-1', 'Coffee grinder', 'Hand grinder with a steel burr, 30 g', 8900],
  ['COF-PRESS-1L', 'French press', 'Borosilicate glass, 1 l', 3490],
  ['COF-DRIP-02', 'Pour-over dripper', 'White porcelain for paper filters size 02', 2290],
  ['COF-FLTR-100', 'Paper coffee filters', 'Unbleached, size 02, pack of 100', 490],
  ['COF-KETTLE-1', 'Gooseneck kettle', 'Brushed steel, holds its temperature, 1 l', 7990],
  ['TEA-POT-12', 'Cast iron teapot', 'With a steel strainer, 1.2 l', 5490],
  ['TEA-CUP-2', 'Tea cups', 'Thin porcelain, set of two', 2490],
  ['MUG-BLUE-1', 'Stoneware mug, blue', 'Thrown and glazed by hand, 350 ml', 1690],
  ['MUG-SAND-1', 'Stoneware mug, sand', 'Thrown and glazed by hand, 350 ml', 1690],
  ['MUG-TRVL-1', 'Travel mug', 'Double-walled steel, keeps warm for six hours, 450 ml', 2990],
  ['BTL-STEEL-7', 'Water bottle', 'Stainless steel with a bamboo cap, 750 ml', 2490],
  ['KIT-BOARD-OAK', 'Oak chopping board', 'End grain, oiled, 40 by 28 cm', 4990],
  ['KIT-KNIFE-20', "Chef's knife", 'Carbon steel with an ash handle, 20 cm', 11900],
  ['KIT-KNIFE-09', 'Paring knife', 'Carbon steel with an ash handle, 9 cm', 4590],
  ['KIT-PAN-28', 'Cast iron pan', 'Seasoned with linseed oil, 28 cm', 5990],
  ['KIT-POT-5L', 'Enamel stock pot', 'White with a blue rim, 5 l', 4490],
  ['KIT-BOWL-3', 'Mixing bowls', 'Nesting steel bowls, set of three', 3290],
  ['KIT-SCALE-5', 'Kitchen scale', 'Weighs to the gram, up to 5 kg', 2790],
  ['KIT-SPOON-1', 'Olive wood spoon', 'Carved from one piece, 30 cm', 1290],
  ['KIT-TOWEL-3', 'Linen tea towels', 'Woven in Flanders, set of three', 2690],
  ['KIT-APRON-1', 'Linen apron', 'Crossed straps, two pockets', 4890],
  ['OIL-OLIVE-500', 'Olive oil', 'Koroneiki olives, cold pressed, 500 ml', 1590],
  ['VIN-APPLE-500', 'Apple vinegar', 'Unfiltered, from orchard fruit, 500 ml', 690],
  ['HON-LIME-500', 'Lime blossom honey', 'From one beekeeper, 500 g', 990],
  ['HON-FOREST-500', 'Forest honey', 'Dark and full, 500 g', 1090],
  ['JAM-APRI-220', 'Apricot jam', 'Seven parts fruit, three parts sugar, 220 g', 590],
  ['JAM-RASP-220', 'Raspberry jam', 'Seven parts fruit, three parts sugar, 220 g', 620],
  ['CHO-DARK-80', 'Dark chocolate', '70 % cocoa from Piura, 80 g', 490],
  ['CHO-MILK-80', 'Milk chocolate', 'Alpine milk and sea salt, 80 g', 450],
  ['SAL-FLAKE-150', 'Sea salt flakes', 'Hand raked, 150 g', 650],
  ['PEP-BLACK-70', 'Black peppercorns', 'Tellicherry, 70 g', 790],
  ['SPI-CINN-40', 'Ceylon cinnamon', 'Quills, 40 g', 590],
  ['SPI-VAN-2', 'Vanilla pods', 'Bourbon vanilla, two pods', 890],
  ['HOM-CANDLE-1', 'Beeswax candle', 'Burns for thirty hours', 1890],
  ['HOM-BLANKET-1', 'Wool blanket', 'Undyed merino, 130 by 180 cm', 14900],
  ['HOM-CUSHION-1', 'Linen cushion', 'Filled with feathers, 50 by 50 cm', 3990],
  ['HOM-VASE-1', 'Glass vase', 'Mouth-blown, 25 cm', 4290],
  ['HOM-BASKET-1', 'Willow basket', 'Woven with a leather handle', 3690],
  ['HOM-BRUSH-1', 'Dish brush', 'Beech and horsehair', 890],
  ['HOM-SOAP-3', 'Olive soap', 'Cut by hand, three bars', 1190],
  ['HOM-LAMP-1', 'Desk lamp', 'Ash and spun aluminium', 12900],
];

interface Product {
  id: string;
  sku: string;
  name: string;
  description: string;
  price: number;
}

/** The products a new catalog holds. Ids are made of names, as web addresses like them. */
export function openingProducts(): Product[] {
  return PRODUCTS.map(([sku, name, description, price]) => ({ id: slug(name), sku, name, description, price }));
}

function slug(name: string): string {
  return name
    .toLowerCase()
    .replaceAll("'", '')
    .replaceAll(/[^a-z0-9]+/g, '-');
}
