/** How something stands, in words with a mark of their tone. */
import type { ReactNode } from 'react'
import { Icon, type IconName } from '../ui/pictures.tsx'
import type { StatusWords } from './status-words.ts'

const icons: Readonly<Record<StatusWords['tone'], IconName>> = { plain: 'info', ok: 'check', warn: 'warn', bad: 'stop' }

export function Verdict({ tone, text }: StatusWords): ReactNode {
  return (
    <p className={`verdict ${tone}`}>
      <Icon name={icons[tone]} size={20} />
      <span>{text}</span>
    </p>
  )
}
