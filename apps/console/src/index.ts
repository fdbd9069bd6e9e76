export { openSite, type Site, type SiteOptions } from './site.js';
