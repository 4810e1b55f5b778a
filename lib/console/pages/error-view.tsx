import type { ConsoleError } from '../console-error.js'
import { Heading, Notice } from './components.js'

/** What went wrong, and the way back. */
export const ErrorView = ({ error: { status, error, message, faults }, path }: { readonly error: ConsoleError; readonly path: string }) => (
  <>
    <Heading title={status === 404 ? 'Not found' : status === 403 || status === 401 ? 'Not allowed' : 'This did not work'} />
    <Notice tone="bad">
      {faults.length > 1 ? (
        <ul>
          {faults.map((fault) => (
            <li key={fault}>{fault}</li>
          ))}
        </ul>
      ) : (
        <p>{message}</p>
      )}
      <p>
        <code>{error}</code>
      </p>
    </Notice>
    <p>
      <a href={`${path}/applications`}>To the applications</a>
    </p>
  </>
)
