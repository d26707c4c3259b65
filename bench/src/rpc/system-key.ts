/** What the two processes of Flotilla know each other by; a real system makes one of its own. */
export const SYSTEM_KEY = 'a-key-for-measuring';
