import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { FlotillaError } from 'flotilla/kernel';
import type { OptionValues } from '../command.ts';
import type { SETTINGS_OPTIONS } from '../settings.ts';
import type { Survey } from './survey.ts';

/** What is surveyed, as it goes to the process that does it. */
export interface SurveyRequest {
  readonly file: string;
  readonly options: OptionValues<typeof SETTINGS_OPTIONS>;
}

export type SurveyAnswer = { readonly survey: Survey } | { readonly error: { readonly message: string } };

const MAIN = join(import.meta.dirname, 'survey-main.ts');

/**
 * Surveys a system as its files are now. A process of its own does it, because modules are loaded once per process and stay as
 * they were. Throws `SYSTEM_FILE_UNUSABLE` with what is wrong.
 */
export async function surveyAgain(request: SurveyRequest): Promise<Survey> {
  const child = fork(MAIN, [JSON.stringify(request)], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let complaint = '';
  child.stderr!.on('data', (text: Buffer) => (complaint += String(text)));
  let answer: SurveyAnswer | undefined;
  child.on('message', (message) => (answer = message as SurveyAnswer));
  await once(child, 'close');
  if (answer && 'survey' in answer) return answer.survey;
  throw new FlotillaError('SYSTEM_FILE_UNUSABLE', { kind: 'invalid', message: answer?.error.message ?? complaint });
}
