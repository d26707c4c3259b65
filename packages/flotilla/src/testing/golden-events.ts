import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { check, type Contract, describeIssues } from '../contract/index.ts';
import { type Aggregate, declaredEvent, fold, schemaVersion, upcastEvent, versionsOf } from '../log/index.ts';
import type { StoredEvent } from '../store/index.ts';

export interface GoldenEventsOptions {
  /** Holds a file per type and version: `OrderPlaced.v1.json`. */
  readonly folder: string;
  readonly of: Aggregate;
  readonly contract: Contract;
}

/** `data` as it was stored in those days, and what it `becomes` in the present version; the same unless said. */
interface Golden {
  readonly data: unknown;
  readonly becomes?: unknown;
}

/**
 * Tests that every event ever written can still be read. Each version that the upcasters of an aggregate leave behind, and the
 * present one, needs a golden file; each file must become what it says, keep the contract if the event is declared, and fold.
 * Files are added when a version is, and never changed.
 */
export function goldenEvents({ folder, of, contract }: GoldenEventsOptions): void {
  const schemas = { contract, upcasters: of.upcasters };
  describe(`every event that '${of.name}' was ever made of can be read`, () => {
    for (const type of Object.keys(of.upcasters)) {
      for (const version of [...versionsOf(of.upcasters, type), schemaVersion(schemas, type)]) {
        test(`${type} v${version} has a golden file`, () => {
          const file = join(folder, fileName(type, version));
          assert.ok(
            existsSync(file),
            `Write ${file}: { "data": …as it is stored in version ${version}…, "becomes": …the present form… }`,
          );
        });
      }
    }
    for (const { type, version, golden } of filesIn(folder)) {
      test(`${type} v${version} becomes what its golden file says`, async () => {
        const event = upcastEvent(schemas, storedEvent(of, { type, schemaVersion: version, data: golden.data }));
        assert.deepEqual(event.data, golden.becomes ?? golden.data);
        const declared = declaredEvent(contract, type);
        const checked = declared && (await check(declared.schema, event.data));
        if (checked && !checked.ok) assert.fail(`it breaks the contract: ${describeIssues(checked.issues)}`);
        fold({ of, contract }, { state: of.initial, version: 0, from: 0 }, [event]);
      });
    }
  });
}

const FILE = /^(\w+)\.v(\d+)\.json$/;
const fileName = (type: string, version: number): string => `${type}.v${version}.json`;

function filesIn(folder: string): { type: string; version: number; golden: Golden }[] {
  return readdirSync(folder).flatMap((name) => {
    const [, type, version] = FILE.exec(name) ?? [];
    if (type === undefined) return [];
    const golden = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Golden;
    return [{ type, version: Number(version), golden }];
  });
}

function storedEvent(of: Aggregate, event: Pick<StoredEvent, 'type' | 'schemaVersion' | 'data'>): StoredEvent {
  const meta = { correlationId: 'golden' };
  return { ...event, id: 'golden', meta, at: 1, position: 1, stream: `${of.name}:golden`, version: 1 };
}
