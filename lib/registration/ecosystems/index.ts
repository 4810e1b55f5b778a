import type { Ecosystem } from '../ecosystem.js'
import { auCdr } from './au-cdr.js'
import { brOpenfinance } from './br-openfinance.js'
import { generic } from './generic.js'
import { ukObie } from './uk-obie.js'

export { auCdr, brOpenfinance, generic, ukObie }

/** Every ecosystem that is described here. */
export const ecosystems: readonly Ecosystem[] = Object.freeze([generic, ukObie, brOpenfinance, auCdr])
