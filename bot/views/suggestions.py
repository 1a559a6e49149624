"""What one may begin with in the conversation with the app."""

SUGGESTIONS = (
    {"title": "Founders who raised", "message": "Find 50 SaaS founders in Austin who raised seed"},
    {
        "title": "Local businesses",
        "message": "Find 30 dental clinics in Leeds with a phone number and a website",
    },
    {
        "title": "Look-alikes",
        "message": "Find 25 companies like example.com in Germany, with the head of sales",
    },
    {"title": "How does this work?", "message": "help"},
)
"""Suggested prompts (Slack: at most 4); the app's manifest names the same."""
