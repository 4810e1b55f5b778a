export { observe } from './observe.js'
export { type PairwiseOptions, pairwiseSubject } from './pairwise.js'
export { storage } from './storage.js'
export { type WithFapiOptions, withFapi } from './with-fapi.js'
