/** A question before something that cannot be taken back. */
import type { ReactNode } from 'react'
import { Dialog } from 'react-aria-components/Dialog'
import { Heading } from 'react-aria-components/Heading'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { Button } from './button.tsx'

interface Props {
  readonly title: string
  readonly children: ReactNode
  readonly isOpen: boolean
  readonly onClose: () => void
  /** What the button says that does it, and what it does. None: the dialog only informs. */
  readonly confirm?: {
    readonly label: string
    readonly danger: boolean
    /** While something asked for in the dialog is missing. */
    readonly isDisabled?: boolean
    readonly onPress: () => void
  }
}

/** A dialog over the window; Escape and its second button close it with nothing done. */
export function AskDialog({ title, children, isOpen, onClose, confirm }: Props): ReactNode {
  return (
    <ModalOverlay className="veil" isOpen={isOpen} onOpenChange={(open) => !open && onClose()} isDismissable>
      <Modal>
        <Dialog className="dialog" role={confirm === undefined ? 'dialog' : 'alertdialog'}>
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          {children}
          <div className="row">
            {confirm !== undefined && (
              <Button
                look={confirm.danger ? 'danger' : 'primary'}
                isDisabled={confirm.isDisabled ?? false}
                onPress={() => {
                  onClose()
                  confirm.onPress()
                }}
              >
                {confirm.label}
              </Button>
            )}
            <Button autoFocus onPress={onClose}>
              {confirm === undefined ? 'Close' : 'Go back'}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
