import { system as defineSystem } from 'flotilla/system';
import { productService } from '../product/service.ts';
import { askerService } from './asker.ts';

export const system = defineSystem('asking', { services: [askerService, productService] });
