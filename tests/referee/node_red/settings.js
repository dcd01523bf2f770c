// A Node-RED without an editor, on this device only. Its default limit of a body is 5 MB; ours is small, to be met.
module.exports = {
    uiHost: "127.0.0.1",
    httpAdminRoot: false,
    apiMaxLength: "4kb",
    telemetry: {enabled: false},
    functionGlobalContext: {crypto: require("crypto"), secret: process.env.BOOTH_WEBHOOK_SECRET},
};
