import type { Page } from '../../stores/store.js'
import type { AuditEntry } from '../audit-trail.js'
import { PAGING, pagingGiven } from '../given.js'
import { defineOperation } from '../operation.js'

export const listAudit = defineOperation<Page<AuditEntry>>({
  name: 'listAudit',
  method: 'GET',
  path: '/audit',
  role: 'viewer',
  summary: 'Lists every change made through the console, newest first.',
  parameters: PAGING,
  answer: 'Who did what, when, and how it ended.',
  handle({ audit }, { query }) {
    const { limit, cursor } = pagingGiven(query)
    return audit.list({ limit, cursor })
  },
})
