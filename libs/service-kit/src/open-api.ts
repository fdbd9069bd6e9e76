import fs from 'node:fs';
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { writeProblem } from './problems/problem.filter.js';
import { Problem } from './problems/problem.js';

export interface OpenApiOptions {
  title: string;
  description?: string;
  /** Version of the API, not of OpenAPI. */
  version: string;
  /** File served at /docs/asyncapi.json. */
  asyncApiFile?: string;
}

/** The OpenAPI 3.1 document of everything the application routes; also what `docs/` is generated from. */
export function openApiDocument(app: INestApplication, options: OpenApiOptions): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle(options.title)
    .setDescription(options.description ?? '')
    .setVersion(options.version)
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'An access token of the OpenID Connect issuer.' })
    .addSecurityRequirements('bearer')
    .build();
  return SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}.${method}`,
  });
}

/** Serves /docs, /docs-json and /docs/asyncapi.json. Call before the application is initialised, after its middleware. */
export function serveDocs(app: INestApplication, options: OpenApiOptions): void {
  let asyncApi: string | undefined;
  app.getHttpAdapter().get('/docs/asyncapi.json', (_request: Request, response: Response) => {
    if (!options.asyncApiFile || !fs.existsSync(options.asyncApiFile)) {
      writeProblem(
        response,
        Problem.notFound('This process does not carry the event reference.', 'Ask the ledger, or see docs/events of the sources.'),
      );
      return;
    }
    asyncApi ??= fs.readFileSync(options.asyncApiFile, 'utf8');
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.end(asyncApi);
  });
  SwaggerModule.setup('docs', app, () => openApiDocument(app, options), {
    jsonDocumentUrl: 'docs-json',
    raw: ['json'],
    customSiteTitle: options.title,
    swaggerOptions: { persistAuthorization: false },
  });
}
