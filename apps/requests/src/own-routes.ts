/** Route patterns of this service. */
export const OWN_ROUTES = /^\/(?:v1\/(?:requests|disposal-tasks|systems|fulfilment|packages|mail)|opendsr|ops\/requests)(?:\/|$)/;
