#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { UNREADABLE } from './clients/unreadable-records.js'
import { CommandError, causeOf } from './command-error.js'
import { run } from './run.js'
import type { Surroundings } from './surroundings.js'

const CANNOT = 2
/** What a shell makes of a program that SIGINT ended, and SIGTERM. */
const STOPPED = { SIGINT: 130, SIGTERM: 143 } as const
/** Milliseconds, our choice: what does not let go by then is left. */
const PATIENCE = 20_000

/** What has to be done before the program ends, the last first. */
const endings: (() => Promise<void>)[] = []

function atEnd(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  const once = () => {
    done ??= work()
    return done
  }
  endings.push(once)
  return once
}

async function cleanUp(): Promise<void> {
  for (let ending = endings.pop(); ending; ending = endings.pop()) await ending().catch(() => undefined)
}

const patience = () => new Promise<void>((resolve) => setTimeout(resolve, PATIENCE))

/** Resolves once the text is gone; whoever closed the other end (`| head`) has read enough. */
const writer = (stream: NodeJS.WriteStream) => (text: string) => new Promise<void>((resolve) => stream.write(text, () => resolve()))

function terminalOf({ isTTY, columns }: NodeJS.WriteStream): Surroundings['terminal'] {
  const { TERM, NO_COLOR, FORCE_COLOR } = process.env
  return { isTTY: isTTY === true, columns, TERM, NO_COLOR, FORCE_COLOR }
}

function versionOfPackage(): string {
  const { version }: { version: string } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return version
}

async function end(code: number): Promise<never> {
  await Promise.race([cleanUp(), patience()])
  // Modules that were loaded may have left listeners and timers behind.
  process.exit(code)
}

async function main(): Promise<number> {
  try {
    return await run(process.argv.slice(2), {
      ...{ say: writer(process.stdout), tell: writer(process.stderr), atEnd, version: versionOfPackage() },
      ...{ terminal: terminalOf(process.stdout), beside: terminalOf(process.stderr) },
    })
  } catch (cause) {
    const message = cause instanceof CommandError ? cause.message : `something unforeseen happened: ${causeOf(cause)}`
    await writer(process.stderr)(`express-fapi: ${message}\n`)
    return CANNOT
  }
}

for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
for (const [signal, code] of Object.entries(STOPPED)) process.once(signal, () => void end(code))
// Records that cannot be read are counted, and said once.
process.removeAllListeners('warning')
process.on('warning', (warning) => {
  if (!('code' in warning && warning.code === UNREADABLE)) process.stderr.write(`${warning.name}: ${causeOf(warning)}\n`)
})
// What was loaded waits for something that never comes: there is nothing left to do, and nothing was done.
process.once('beforeExit', () => {
  process.stderr.write('express-fapi: the command never came to an end: look at what the file that was given waits for\n')
  process.exit(CANNOT)
})

void main().then(end)
