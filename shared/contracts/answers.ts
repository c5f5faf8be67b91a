/** What a call is given, or answers with, that says no more than that it was heard. */
import { z } from 'zod'
import { idSchema } from '../domain/forms.ts'

export const nothing = z.strictObject({})

/** An operation was started; how it goes stands in the state. */
export const started = z.strictObject({ operation: idSchema })
