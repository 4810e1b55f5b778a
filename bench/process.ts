import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process of its own that answers one message with one message. */
export interface Child {
  /** Rejects when the process fails at it, or ends. */
  call<Answer>(message: object): Promise<Answer>
  stop(): Promise<void>
}

interface Reply {
  readonly value?: unknown
  readonly failure?: string
}

/** Starts a file beside this one as a process. That it keeps used proofs in its own memory is known and not warned of. */
export function startProcess(file: string, ...args: readonly string[]): Child {
  const path = fileURLToPath(new URL(`./${file}`, import.meta.url))
  const child = fork(path, args, { execArgv: ['--disable-warning=FAPI_MEMORY_STORE'] })
  return {
    async call<Answer>(message: object) {
      child.send(message)
      const { value, failure } = await replyOf(child, file)
      if (failure !== undefined) throw new Error(`${file} ${args.join(' ')}: ${failure}`)
      return value as Answer
    },
    async stop() {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}

function replyOf(child: ChildProcess, file: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`${file} ended with ${code}`))
    child.once('exit', ended)
    child.once('message', (reply) => {
      child.off('exit', ended)
      resolve(reply as Reply)
    })
  })
}

/** Answers what the process that started this one asks, and ends with it. */
export function answerParent<Message>(answer: (message: Message) => Promise<unknown>): void {
  process.on('disconnect', () => process.exit())
  process.on('message', async (message) => {
    const reply: Reply = await answer(message as Message).then(
      (value) => ({ value }),
      (cause: unknown) => ({ failure: cause instanceof Error ? cause.message : 'no reason given' }),
    )
    process.send?.(reply)
  })
}
