import { Injectable } from '@nestjs/common';

type Hook = () => void | Promise<void>;

/**
 * Hooks that end what would keep HTTP open for ever, such as event streams. They run after the consumers have stopped
 * and before the server closes. Pools and clients are closed later, in Nest's `onApplicationShutdown`.
 */
@Injectable()
export class ShutdownRegistry {
  private readonly hooks = new Set<Hook>();
  private ran = false;

  /** Adds a hook; call the answer when what it would end has ended by itself. */
  onShutdown(hook: Hook): () => void {
    // A stream that opens while the others are being ended would hold the shutdown until its timeout.
    if (this.ran) void Promise.resolve().then(hook);
    this.hooks.add(hook);
    return () => {
      this.hooks.delete(hook);
    };
  }

  /** Runs every hook once, all at once; answers what the failed ones threw. */
  async run(): Promise<readonly unknown[]> {
    this.ran = true;
    const hooks = [...this.hooks];
    this.hooks.clear();
    const results = await Promise.allSettled(hooks.map(async (hook) => hook()));
    return results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  }
}
