import { askAll, silenceText } from '../ask-all.ts';
import { defineCommand } from '../command.ts';
import { type ConversationPart, drawConversation, momentsOf } from '../conversation.ts';
import { EXIT } from '../exit-codes.ts';
import { connectToData, REMOTE_OPTIONS } from '../remote.ts';

const LIMIT = 1_000;

export const conversation = defineCommand({
  description:
    'Shows all that one request led to, over all services: their events and the steps of their sagas, each under what caused it.\n' +
    'The id is in the header X-Request-Id of an answer, in log lines, and where sagas show prints it.',
  args: [{ name: 'CORRELATION_ID', description: 'The correlation id' }],
  options: REMOTE_OPTIONS,
  examples: ['flotilla conversation 01930b2e-7c1f-7a52-9c6e-3f8a52e4d901'],
  json: 'One line per moment, in order of time: {"at":…,"service":…,"what":…,"id":…,"causedBy":…}.',
  run: async ({ args: [correlationId], options, terminal }) => {
    await using remote = await connectToData(options.data);
    const { answers, silent } = await askAll<ConversationPart>(remote, '$conversation', { correlationId, limit: LIMIT });
    const moments = momentsOf(answers.map(({ service, answer }) => ({ service, ...answer })));
    if (terminal.json) for (const moment of moments) terminal.printJson(moment);
    else if (moments.length === 0) terminal.note('Nobody knows of such a conversation.');
    else for (const line of drawConversation(moments, terminal.style)) terminal.print(line);
    for (const line of silenceText(silent)) terminal.note(line);
    return EXIT.good;
  },
});
