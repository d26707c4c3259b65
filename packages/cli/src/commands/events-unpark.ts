import { FlotillaError } from 'flotilla/kernel';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { parkedMessages } from '../parked.ts';
import { connectToData, REMOTE_OPTIONS } from '../remote.ts';

export const eventsUnpark = defineCommand({
  description: 'The message is handled again, in every subscription that set it aside, and what waits behind it follows.',
  args: [{ name: 'MESSAGE', description: 'The id of a parked message' }],
  options: {
    ...REMOTE_OPTIONS,
    consumer: { type: 'string', value: 'NAME', description: 'Only in this subscription' },
  },
  examples: ['flotilla events unpark 01930b2e-7c1f-7a52-9c6e-3f8a52e4d901'],
  json: 'One line per subscription: {"service":…,"consumer":…,"messageId":…}.',
  run: async ({ args: [messageId], options, terminal }) => {
    await using remote = await connectToData(options.data);
    const meant = (await parkedMessages(remote)).filter((message) => {
      return message.messageId === messageId && (options.consumer ?? message.consumer) === message.consumer;
    });
    if (meant.length === 0) throw notParked(messageId!);
    for (const { service, consumer } of meant) {
      await remote.call({ service, operation: '$unpark' }, { consumer, messageId });
      terminal.answer({ service, consumer, messageId }, `${consumer} of ${service} handles the message again.`);
    }
    return EXIT.good;
  },
});

function notParked(id: string): FlotillaError {
  const message = `No message '${id}' is parked. 'flotilla events parked' shows those that are.`;
  return new FlotillaError('MESSAGE_NOT_PARKED', { kind: 'not-found', message });
}
