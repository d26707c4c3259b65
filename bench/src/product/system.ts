import { system as defineSystem } from 'flotilla/system';
import { productService } from './service.ts';

export const system = defineSystem('bench', { services: [productService] });
