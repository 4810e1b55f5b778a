import { createServer } from 'node:https'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, BrowserContextOptions, Page, Response } from 'playwright-core'
import { type Bank, startBank } from '../../examples/bank/bank.js'
import type { Identity } from '../../examples/bank/certificates.js'
import { type DataFolder, openDataFolder } from '../../examples/bank/data-folder.js'
import { loadAuthority } from '../../examples/bank/identities.js'
import { addOperator, loadOperators } from '../../examples/bank/operators.js'
import { type Flow, walk } from '../../examples/tpp/flows.js'
import type { Target } from '../../examples/tpp/target.js'
import { findChromium, launchChromium } from '../../scripts/chromium.js'
import './clock.js'

/** Whether a real browser can be driven here: Debian's chromium, which `.ci/run` installs. */
export const hasChromium = findChromium() !== undefined
