import { wrongUsage } from '../command.ts';
import { commaList } from '../option-values.ts';
import { GATEWAY } from '../gateway-name.ts';
import { readScale } from './scale.ts';
import type { Part, Survey } from './survey.ts';

/** Which parts of a system are wanted, and how many instances of each. */
export interface Plan {
  /** The wanted ones among the parts there are: also those that a change of the system brings later. */
  wanted(survey: Survey): readonly Part[];
  instancesOf(part: string): number;
}

/** Reads what the command line says about parts. Throws `WRONG_USAGE` for a part that the system does not have. */
export function readPlan(survey: Survey, options: { only: string | undefined; scale: string | undefined }): Plan {
  const only = commaList(options.only);
  const names = survey.parts.map(({ name }) => name);
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown !== undefined) throw wrongUsage(`--only: there is no service '${unknown}'; there is: ${names.join(', ')}`);
  const wanted = ({ parts }: Survey): readonly Part[] =>
    parts.filter(({ name }) => only === undefined || name === GATEWAY || only.includes(name));
  const scale = readScale(options.scale, wanted(survey));
  return { wanted, instancesOf: (part) => scale.get(part) ?? 1 };
}
