import { journey } from './support/journey-suite.ts';
import { Shop } from './support/shop.ts';

journey(() => Shop.open());
