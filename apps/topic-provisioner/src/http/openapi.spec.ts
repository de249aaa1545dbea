import { openApi } from '@soma/service-kit';
import { controllers } from './controllers.js';

const info = { title: 'topic-provisioner', version: '1' };

describe('the OpenAPI document', () => {
  it('tells scopes, parameters, bodies, answers and problems of a route', () => {
    const document = JSON.parse(JSON.stringify(openApi(controllers, info))) as {
      paths: Record<string, Record<string, object>>;
    };
    expect(document).toMatchObject({ openapi: '3.1.0', info });
    expect(document.paths['/v1/plans']?.['post']).toMatchObject({
      security: [{ bearer: ['topics:plan'] }],
      requestBody: {
        content: {
          'application/json': {
            schema: { type: 'object', additionalProperties: false, properties: { only: {}, allow: {} } },
          },
        },
      },
      responses: { 201: {}, 400: {}, 401: {}, 403: {}, 422: {}, 503: {} },
    });
    expect(document.paths['/v1/plans']?.['get']).toMatchObject({
      parameters: [
        { name: 'limit', in: 'query', required: false, schema: { type: 'integer', maximum: 100 } },
      ],
    });
    expect(document.paths['/v1/plans/{id}/apply']?.['post']).toMatchObject({
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }],
    });
  });
});
