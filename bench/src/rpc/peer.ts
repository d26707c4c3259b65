/** One way for a process to ask another for a product. */
export interface RpcPeer {
  /** The program that answers: a file beside that of the peer, which gets an empty folder and says where it listens by `listening`. */
  readonly server: string;
  connect(port: number): Promise<RpcClient>;
}

export interface RpcClient extends AsyncDisposable {
  get(id: string): Promise<{ readonly price: number }>;
}

/** Called by a server once it can be asked. It ends with the process that started it. */
export function listening(port: number): void {
  process.once('disconnect', () => process.exit());
  process.send!({ port });
}
