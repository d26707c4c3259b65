import { describe } from 'node:test';
import { storeSuite } from 'flotilla/testing';
import { openPostgresPlace } from '../../test/store-place.ts';
import { usePostgres } from '../testing/index.ts';

const postgres = usePostgres();

describe('the store on PostgreSQL', { skip: postgres.skip }, () => {
  storeSuite({
    name: 'PostgreSQL',
    open: () => openPostgresPlace(postgres),
    features: { durable: true, shared: true, ordered: false },
  });
});
