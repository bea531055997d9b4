"""Stand-ins for the models' vendors, for the local stack and for tests: no key, no cost, the same answer every time.

One HTTP server speaks Anthropic's Messages API at `/anthropic/v1/messages` and Voyage AI's embeddings API at
`/voyage/v1/embeddings`, closely enough for the official clients, and refuses what the vendors refuse. It understands
nothing: a document is described by its own words, a picture by words that its bytes choose, and texts are near each
other if they share words.

Tests tell it under `/control` how to fail, and read there which requests it had: see `model_stand_ins.server`.
"""
