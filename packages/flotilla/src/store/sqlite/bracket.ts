import type { DatabaseSync } from 'node:sqlite';

/** What is written between opening and closing can be undone without touching what the transaction holds already. */
export interface Bracket {
  open(): void;
  close(): void;
  undo(): void;
}

export interface Brackets {
  readonly savepoint: Bracket;
  /** For what comes first in its transaction. It costs nothing unless it is undone: a savepoint keeps a copy of every page. */
  readonly transaction: Bracket;
}

export function createBrackets(db: DatabaseSync): Brackets {
  const open = db.prepare('SAVEPOINT unit');
  const close = db.prepare('RELEASE unit');
  const undo = db.prepare('ROLLBACK TO unit');
  return {
    savepoint: {
      open: () => void open.run(),
      close: () => void close.run(),
      undo() {
        undo.run();
        close.run();
      },
    },
    transaction: {
      open: () => undefined,
      close: () => undefined,
      undo: () => db.exec('ROLLBACK; BEGIN IMMEDIATE'),
    },
  };
}
