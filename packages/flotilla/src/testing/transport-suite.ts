import { describe } from 'node:test';
import { cancellationReachesTheFarSide, deadlinesHold, transportsTidyUp } from './transport-suite-bounds.ts';
import { errorsKeepTheirMeaning, failuresStayOpaque, promisedErrorsAreTyped } from './transport-suite-errors.ts';
import { itemsAreLeft, itemsTravel, streamsOpenFirst } from './transport-suite-items.ts';
import { hopsBelongTogether, metadataTravels } from './transport-suite-metadata.ts';
import type { OpenTransport } from './transport-suite-setting.ts';
import { inputsKeepTheirMeasure, valuesTravelAsJson } from './transport-suite-values.ts';

export interface TransportSuiteOptions {
  name: string;
  open: OpenTransport;
  /** False where inputs never leave the process, so that nothing bounds them; true unless said. */
  refusesLargeInputs?: boolean;
  /** False where answers in parts are not carried; true unless said. */
  streams?: boolean;
}

/** Proves that a transport keeps what `Transport` promises. Every transport passes it, so callers need not know which one they use. */
export function transportSuite({ name, open, refusesLargeInputs = true, streams = true }: TransportSuiteOptions): void {
  describe(`transport ${name}`, { timeout: 120_000 }, () => {
    valuesTravelAsJson(open);
    inputsKeepTheirMeasure(open, { refusesLargeInputs });
    errorsKeepTheirMeaning(open);
    promisedErrorsAreTyped(open);
    failuresStayOpaque(open);
    cancellationReachesTheFarSide(open);
    deadlinesHold(open);
    transportsTidyUp(open);
    metadataTravels(open);
    hopsBelongTogether(open);
    if (!streams) return;
    itemsTravel(open);
    streamsOpenFirst(open);
    itemsAreLeft(open);
  });
}
