/** One implementation per kind of sink. */
import { createFolderSink } from './folder/folder-sink.ts'
import { createHttpsSink } from './https/https-sink.ts'
import { createPostgresqlSink } from './postgresql/postgresql-sink.ts'
import type { CreateSink } from './sink-shelf.ts'
import { createSyslogSink } from './syslog/syslog-sink.ts'

export const createSink: CreateSink = (settings, secret) => {
  switch (settings.kind) {
    case 'postgresql':
      return createPostgresqlSink(settings, secret)
    case 'syslog':
      return createSyslogSink(settings, secret)
    case 'https':
      return createHttpsSink(settings, secret)
    case 'folder':
      return createFolderSink(settings, secret)
  }
}
