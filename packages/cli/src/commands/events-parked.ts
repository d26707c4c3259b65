import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { printList } from '../listing.ts';
import { parkedMessages } from '../parked.ts';
import { connectToData, REMOTE_OPTIONS } from '../remote.ts';
import { dateTime } from '../time-text.ts';

export const eventsParked = defineCommand({
  description:
    'A message whose handler keeps failing is set aside with its error, and later messages of its key wait behind it.\n' +
    'Mend the cause, then hand it in again with events unpark.',
  args: [],
  options: REMOTE_OPTIONS,
  examples: ['flotilla events parked', 'flotilla events parked --json'],
  json: 'One line per message: {"service":…,"consumer":…,"messageId":…,"key":…,"error":…,"at":…,"envelope":{…}}.',
  run: async ({ options, terminal }) => {
    await using remote = await connectToData(options.data);
    printList(terminal, {
      items: await parkedMessages(remote),
      heading: ['MESSAGE', 'SERVICE', 'CONSUMER', 'KEY', 'SINCE', 'ERROR'],
      row: ({ messageId, service, consumer, key, at, error }) => {
        return [messageId, service, consumer, key ?? '', dateTime(at), terminal.style('red', error)];
      },
      none: 'Nothing is parked.',
    });
    return EXIT.good;
  },
});
