/** What a custodian keeps at home: names and how to start. It opens nothing, and may be lost. */
import type { ReactNode } from 'react'
import type { PrintedOf } from '../../shared/contracts/print.ts'
import { formatMoment } from '../ui/time.ts'
import { PrintedHash } from './parts.tsx'
import { roleNames } from '../ui/role-names.ts'

type Props = { readonly printed: PrintedOf<'kit'> }

/** The kit. */
export function Kit({ printed }: Props): ReactNode {
  const { person, safes, keys, call, manifest, vaultName, stationName } = printed
  return (
    <>
      <p className="kind">Kit of a custodian</p>
      <h1>{person}</h1>
      <dl className="facts">
        <dt>Vault</dt>
        <dd>{vaultName}</dd>
        <dt>Station</dt>
        <dd>{stationName}</dd>
        <dt>Printed</dt>
        <dd>{formatMoment(printed.madeAt)}</dd>
      </dl>
      <h2>Your safes</h2>
      {safes.length === 0 && <p>You hold no share of any safe.</p>}
      {safes.map(({ name, threshold, custodians, others }) => (
        <section key={name} className="card">
          <h3>{name}</h3>
          <p>
            {threshold} of {custodians} custodians open it together. The others are {others.join(', ')}.
          </p>
        </section>
      ))}
      <h2>Your keys</h2>
      <ul>
        {keys.map(({ label, model }) => (
          <li key={label}>
            {label}
            {model !== null && ` (${model})`}
          </li>
        ))}
      </ul>
      <p>Keep them apart from each other. A key that is lost: tell the ceremony lead the same day.</p>
      <h2>Whom to call</h2>
      <table className="people">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Roles</th>
            <th scope="col">How to reach (by hand)</th>
          </tr>
        </thead>
        <tbody>
          {call.map(({ name, roles }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{roles.map((role) => roleNames[role]).join(', ')}</td>
              <td className="empty" aria-label="to be filled in by hand" />
            </tr>
          ))}
        </tbody>
      </table>
      <h2>In an emergency</h2>
      <ol>
        <li>Bring your security key to the station. You need no network.</li>
        <li>Start Halligan on the station. Choose “Break glass”.</li>
        <li>
          Whoever asks says what for. Read on the tap page what is asked, by whom and why, before you touch your key.
        </li>
        <li>What you do not understand, you do not approve: press Cancel and ask.</li>
        <li>Afterwards the credential is rotated, and somebody writes down what it was.</li>
      </ol>
      <h2>Is it our vault?</h2>
      <PrintedHash
        title={`Who holds what, version ${String(manifest.version)}`}
        about="A tap page that names an older version shows an old copy: stop, and call the lead."
        hash={manifest.hash}
        words={manifest.words}
      />
    </>
  )
}
