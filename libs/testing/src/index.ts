export { testDatabase, testServer, type TestDatabase } from './postgres.js';
