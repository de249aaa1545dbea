import type { AvroRecord } from './avro.js';
import type { SquadName } from './squads.js';

/** What a producer and a consumer of a topic are compiled against. */
export interface TopicContract {
  readonly owner: SquadName;
  /** Field of the value whose content is the record's key. */
  readonly key: string;
  /** Subject of the values in the schema registry. */
  readonly subject: string;
  /** Topic that takes the events that could not be handled. */
  readonly deadLetter: string;
  /** The reader's schema: that of the catalogue at the time of compiling, as it is registered. */
  readonly schema: AvroRecord;
}
