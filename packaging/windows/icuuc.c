/* A stand-in for the ICU that Windows 10 and newer have and wine has not. Qt's library does not load without it.
   It asks ICU for rare character sets alone, and takes "there is none" for an answer. */
#define NONE(name) __declspec(dllexport) void *name(void) { return 0; }

enum { NO_SUCH_FILE = 4 };

__declspec(dllexport) void *ucnv_open(const char *name, int *status) { (void)name; *status = NO_SUCH_FILE; return 0; }
NONE(ucnv_close) NONE(ucnv_reset) NONE(ucnv_toUnicode) NONE(ucnv_fromUnicode)
NONE(ucnv_getMaxCharSize) NONE(ucnv_getName) NONE(ucnv_getStandardName) NONE(ucnv_getAvailableName) NONE(ucnv_countAvailable)
NONE(ucnv_getToUCallBack) NONE(ucnv_setToUCallBack) NONE(ucnv_cbToUWriteUChars) NONE(ucnv_toUCountPending)
NONE(ucnv_getFromUCallBack) NONE(ucnv_setFromUCallBack) NONE(ucnv_cbFromUWriteUChars) NONE(ucnv_fromUCountPending)
NONE(UCNV_FROM_U_CALLBACK_SUBSTITUTE) NONE(UCNV_TO_U_CALLBACK_SUBSTITUTE)
