/* How a person is led through connecting: what to create at the platform, which permissions and
 * subscriptions, and a check of each of the three layers without which nothing arrives. */
#ifndef FACEBOOK_GUIDE_H
#define FACEBOOK_GUIDE_H

#include "sori/plugin.h"

static const struct sori_step fb_guide[] = {
    {SORI_STEP_OPTION, 0, "surface",
     "What is to be connected: page (a Facebook Page), instagram (an Instagram account through the "
     "Page that it is linked to), instagram_login (an Instagram account by its own login) or "
     "threads.",
     NULL},
    {SORI_STEP_SAY, 0, NULL,
     "At https://developers.facebook.com/apps create an app of type Business, or open yours. It "
     "must be live (App Mode: Live) and have advanced access to the permissions below; until then "
     "only what people with a role on the app do will arrive.",
     NULL},
    {SORI_STEP_SAY, 0, NULL,
     "Permissions: pages_show_list, pages_read_engagement, pages_read_user_content, "
     "pages_manage_engagement, pages_manage_metadata, and for private messages pages_messaging.",
     "surface=page"},
    {SORI_STEP_SAY, 0, NULL,
     "Permissions: instagram_basic, instagram_manage_comments, instagram_manage_messages, "
     "pages_show_list, pages_read_engagement, pages_manage_metadata.",
     "surface=instagram"},
    {SORI_STEP_SAY, 0, NULL,
     "Add the product Instagram, API setup with Instagram login. Permissions: "
     "instagram_business_basic, instagram_business_manage_comments, "
     "instagram_business_manage_messages.",
     "surface=instagram_login"},
    {SORI_STEP_SAY, 0, NULL,
     "Add the use case Threads API. Permissions: threads_basic, threads_read_replies, "
     "threads_manage_replies, threads_manage_mentions, threads_content_publish.",
     "surface=threads"},
    {SORI_STEP_OPTION, 0, "app", "The App ID, at the top of the app's page.", NULL},
    {SORI_STEP_SLOT, 0, "app_secret",
     "The app secret: App settings, Basic; with instagram_login the Instagram app secret, with "
     "threads the Threads app secret, both in their product's own settings.",
     NULL},
    {SORI_STEP_SAY, 0, NULL,
     "A Page token without an end: make a user token in the Graph API Explorer with the "
     "permissions above, exchange it for a long-lived one (Access Token Debugger, Extend), then "
     "read me/accounts with it: the access_token of your Page is what is wanted.",
     "surface=page"},
    {SORI_STEP_SLOT, 0, "page_token", "The Page access token.", "surface=page"},
    {SORI_STEP_SAY, 0, NULL,
     "The token is that of the Page which the account is linked to: make a user token in the "
     "Graph API Explorer, extend it, read me/accounts with it.",
     "surface=instagram"},
    {SORI_STEP_SLOT, 0, "page_token", "The Page access token.", "surface=instagram"},
    {SORI_STEP_OPTION, 0, "page", "Id of that Page.", "surface=instagram"},
    {SORI_STEP_SLOT, 0, "instagram_token",
     "The Instagram user token (Generate token in the API setup): one line of JSON, "
     "{\"access_token\":\"…\",\"expires_at\":MILLISECONDS}.",
     "surface=instagram_login"},
    {SORI_STEP_SLOT, 0, "threads_token",
     "The Threads user token (User Token Generator): one line of JSON, "
     "{\"access_token\":\"…\",\"expires_at\":MILLISECONDS}.",
     "surface=threads"},
    {SORI_STEP_CHECK, 0, "account", "Who the token speaks for.", NULL},
    {SORI_STEP_OPTION, 0, "account",
     "Id of the page or account, as just shown; needed where one app serves several.", NULL},
    {SORI_STEP_MAKE, 0, "verify_token",
     "The word that the platform repeats while the webhook is set up: copy it.", NULL},
    {SORI_STEP_HOOK, 0, NULL,
     "In the app: Webhooks, object Page. Callback URL as above, Verify token as above. Subscribe "
     "the fields feed, mention, ratings, messages, messaging_postbacks, message_echoes, "
     "message_reactions, message_edits, with values included.",
     "surface=page"},
    {SORI_STEP_HOOK, 0, NULL,
     "In the app: Webhooks, object Instagram. Callback URL and Verify token as above. Subscribe "
     "the fields comments, live_comments, mentions, messages, message_reactions, "
     "messaging_postbacks.",
     "surface=instagram"},
    {SORI_STEP_HOOK, 0, NULL,
     "In the app: Instagram, API setup, Configure webhooks. Callback URL and Verify token as "
     "above. Subscribe the fields comments, live_comments, mentions, messages, message_reactions, "
     "messaging_postbacks.",
     "surface=instagram_login"},
    {SORI_STEP_HOOK, 0, NULL,
     "In the app: Threads, Webhooks. Callback URL and Verify token as above. Subscribe the topics "
     "moderate (replies, delete) and interaction (mentions, publish).",
     "surface=threads"},
    {SORI_STEP_CHECK, 0, "subscription.app",
     "The first layer: the app sends its webhook to this address.", NULL},
    {SORI_STEP_CHECK, 0, "subscription.page",
     "The second layer: this page or account sends its events to the app.", NULL},
    {SORI_STEP_CHECK, 0, "subscription.live",
     "The third layer: the app is live, so that events of everybody arrive.", NULL},
};

enum { FB_GUIDE_STEPS = sizeof fb_guide / sizeof *fb_guide };

#endif
