import { type Clock, toFlotillaError } from 'flotilla/kernel';
import { watchSources } from './source-watch.ts';
import { surveyAgain, type SurveyRequest } from './survey-again.ts';
import type { Survey } from './survey.ts';

export interface FollowOptions {
  readonly request: SurveyRequest;
  /** Where to watch at first. */
  readonly folders: readonly string[];
  readonly clock: Clock;
  /** Gets the system as it is after a change, sound and whole. */
  readonly changed: (survey: Survey) => void;
  /** Gets what is wrong with it, when it is not. */
  readonly broken: (message: string) => void;
}

/** Surveys a system again whenever its files change. Nothing is called back after disposing. */
export function followSources({ request, folders, clock, changed, broken }: FollowOptions): Disposable {
  let isLooking = false;
  let changedMeanwhile = false;
  let isOver = false;
  const lookOnce = async (): Promise<void> => {
    changedMeanwhile = false;
    try {
      const survey = await surveyAgain(request);
      if (isOver) return;
      watch.follow(survey.folders);
      changed(survey);
    } catch (error) {
      if (!isOver) broken(toFlotillaError(error).message);
    }
  };
  const look = async (): Promise<void> => {
    changedMeanwhile = true;
    if (isLooking) return;
    isLooking = true;
    while (changedMeanwhile && !isOver) await lookOnce();
    isLooking = false;
  };
  const watch = watchSources(clock, () => void look());
  watch.follow(folders);
  return {
    [Symbol.dispose]: () => {
      isOver = true;
      watch[Symbol.dispose]();
    },
  };
}
