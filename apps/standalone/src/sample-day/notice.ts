/** The notice the sample company has online: what the policy has registered under this version. */
export const NOTICE = {
  version: '2022-08-10',
  language: 'en',
  sha256: '6c7129c54fc7ed9ac152b0f0612843eb18e3d0ac8729dede060bc3f2d51d5993',
} as const;
