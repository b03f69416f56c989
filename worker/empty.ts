// Stands in for packages that wrangler.toml aliases away.
export {};
