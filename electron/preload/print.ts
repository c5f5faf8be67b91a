import { forwardPort } from './forward-port.ts'

forwardPort()
