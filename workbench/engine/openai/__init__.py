"""The engine protocol on a server that speaks the chat API of OpenAI."""
