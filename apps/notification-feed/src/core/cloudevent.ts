import { z } from 'zod';
import {
  contentFields,
  filled,
  kindField,
  limits,
  objectForm,
  type PostedNotification,
  squadsField,
  timeField,
} from './posted.js';

const names = (list: string): string[] =>
  list
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);

const eventData = z.strictObject(
  { squads: squadsField.exactOptional(), ...contentFields, title: contentFields.title.exactOptional() },
  objectForm('the fields of a notification, as a JSON object'),
);

/** Also when something else is wrong: the caller is told everything at once. */
const always = { when: ({ value }: { value: unknown }) => typeof value === 'object' && value !== null };
const has = (value: unknown, ...path: readonly string[]): boolean =>
  path.reduce<unknown>(
    (inner, name) => (inner as Record<string, unknown> | null | undefined)?.[name],
    value,
  ) !== undefined;

/** A CloudEvent 1.0 in its JSON form, about a notification. What it does not name is an extension, and ignored. */
export const cloudEvent = z
  .object(
    {
      specversion: z.literal('1.0', 'the version of CloudEvents: 1.0'),
      id: filled(limits.key, 'with the source, what makes the event this one'),
      source: filled(limits.word, 'where it happened: a URI reference'),
      type: kindField,
      subject: filled(limits.title, 'what it is about').exactOptional(),
      time: timeField.exactOptional(),
      datacontenttype: z
        .string()
        .regex(/^[^;]*[/+]json\s*(;|$)/i, 'JSON: the data are the fields of a notification')
        .exactOptional(),
      data_base64: z.undefined('data as JSON instead of base64').exactOptional(),
      /** Extension: who is addressed, where the data do not say so; names with commas between them. */
      somasquads: z.string().transform(names).pipe(squadsField).exactOptional(),
      data: eventData.prefault({}),
    },
    objectForm('a CloudEvent: a JSON object'),
  )
  .refine((event) => has(event, 'data', 'squads') || has(event, 'somasquads'), {
    path: ['data', 'squads'],
    message: 'squads are missing: here, or in the attribute somasquads',
    ...always,
  })
  .refine((event) => has(event, 'data', 'title') || has(event, 'subject'), {
    path: ['data', 'title'],
    message: 'a title is missing: here, or in the attribute subject',
    ...always,
  });

export type CloudEventNotification = z.output<typeof cloudEvent>;

/** The notification that an event carries: its type is the kind, its subject what it is about. */
export const fromCloudEvent = ({
  source,
  type,
  subject,
  time,
  somasquads = [],
  data: { squads = somasquads, title = subject ?? '', dedupe_key = subject, ...content },
}: CloudEventNotification): PostedNotification => ({
  ...content,
  squads,
  title,
  source,
  kind: type,
  ...(dedupe_key !== undefined && { dedupe_key }),
  ...(time !== undefined && { at: time }),
});

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** How a request carries notifications; undefined if its content type is none of them. */
export type ContentMode = 'plain' | 'structured' | 'batch' | 'binary';

const oneText = (value: Headers[string] = ''): string =>
  typeof value === 'string' ? value : value.join(', ');

/** The content mode of a request, as the HTTP binding of CloudEvents tells them apart. */
export const contentMode = (headers: Headers): ContentMode | undefined => {
  const [type = ''] = oneText(headers['content-type']).toLowerCase().split(/\s*;/);
  if (type === 'application/cloudevents+json') return 'structured';
  if (type === 'application/cloudevents-batch+json') return 'batch';
  if (!/^application\/([\w.-]+\+)?json$/.test(type)) return undefined;
  return 'ce-specversion' in headers ? 'binary' : 'plain';
};

const decoded = (value: string): string => {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
};

/** The event of a request in binary mode: attributes in headers, percent-encoded, and data in the body. */
export const fromBinary = (headers: Headers, data: unknown): Readonly<Record<string, unknown>> => ({
  ...Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith('ce-'))
      .map(([name, value]) => [name.slice('ce-'.length), decoded(oneText(value))]),
  ),
  datacontenttype: headers['content-type'],
  data,
});
