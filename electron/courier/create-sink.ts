/** One implementation per kind of sink. */
import { createFolderSink } from './folder/folder-sink.ts'
import type { CreateSink } from './sink-shelf.ts'

export const createSink: CreateSink = (settings, _secret) => {
  switch (settings.kind) {
    case 'folder':
      return createFolderSink(settings, {})
    default:
      throw new Error('not yet')
  }
}
