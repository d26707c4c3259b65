import { setbacks } from './support/setbacks-suite.ts';
import { Shop } from './support/shop.ts';

setbacks(() => Shop.open());
