/* No editor and no HTTP: what is left is what runs the flow. */
module.exports = {
    httpAdminRoot: false,
    httpNodeRoot: false,
    credentialSecret: false,
    diagnostics: { enabled: false },
    telemetry: { enabled: false, updateNotification: false },
    runtimeState: { enabled: false },
    mqttReconnectTime: 500,
    logging: { console: { level: "info", metrics: false, audit: false } }
};
