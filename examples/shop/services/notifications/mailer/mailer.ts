export interface Mail {
  /** Our name for the mail. The mailer delivers once per key, however often it is asked. */
  key: string;
  to: string;
  subject: string;
  text: string;
}

/** The company that delivers mail. */
export interface Mailer {
  send(mail: Mail, signal: AbortSignal): Promise<void>;
}
