import { Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Request } from 'express';
import type { Observable } from 'rxjs';
import { Problem } from '../problems/problem.js';
import { hasBody, isJson } from './bodies.js';

/** Answers 415 where a body came that no parser took; after the guard, so that strangers learn nothing about routes. */
@Injectable()
export class MediaTypeInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() === 'http') {
      const request = context.switchToHttp().getRequest<Request>();
      if (request.body === undefined && hasBody(request) && !isJson(request)) {
        throw Problem.unsupportedMediaType(
          'The Content-Type of the body is not one this route reads.',
          'Send JSON with Content-Type: application/json.',
        );
      }
    }
    return next.handle();
  }
}
