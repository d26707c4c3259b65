import { enableCompileCache } from 'node:module';
import { systemRuntime, toFlotillaError } from 'flotilla/kernel';
import { takeSurvey } from './survey.ts';
import type { SurveyAnswer, SurveyRequest } from './survey-again.ts';

enableCompileCache();
// Only `surveyAgain` starts this.
const { file, options } = JSON.parse(process.argv[2]!) as SurveyRequest;
const answer = await takeSurvey(file, options, systemRuntime).then(
  ({ survey }): SurveyAnswer => ({ survey }),
  (error: unknown): SurveyAnswer => ({ error: { message: toFlotillaError(error).message } }),
);
// What user code may have left open must not keep this process.
process.send!(answer, undefined, {}, () => process.exit());
