/* No editor and no HTTP: what is left is what runs the flow. */
module.exports = {
    httpAdminRoot: false,
    httpNodeRoot: false,
    credentialSecret: false,
    diagnostics: { enabled: false },
    runtimeState: { enabled: false },
    logging: { console: { level: "info", metrics: false, audit: false } }
};
