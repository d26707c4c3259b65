import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { connectToData, REMOTE_OPTIONS } from '../remote.ts';
import { drawSaga } from '../saga-picture.ts';
import { findSaga } from '../sagas.ts';

export const sagasShow = defineCommand({
  description: 'Shows every attempt of every step, forwards and backwards, with its time, its outcome and why it failed.',
  args: [{ name: 'ID', description: 'The id of the saga' }],
  options: REMOTE_OPTIONS,
  examples: ['flotilla sagas show 01930b2e-7c1f-7a52-9c6e-3f8a52e4d901'],
  json: 'One line: {"service":…,"saga":{…},"journal":[{"step":…,"direction":…,"attempt":…,"status":…,"at":…}]}.',
  run: async ({ args: [id], options, terminal }) => {
    await using remote = await connectToData(options.data);
    const found = await findSaga(remote, id!);
    terminal.answer(found, drawSaga(found, terminal.style));
    return EXIT.good;
  },
});
