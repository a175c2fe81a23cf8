/* Types that the program sees and the IDL file does not know: [represent_as] and [user_marshal] in more.acf.
 */
typedef struct {
    double sum, difference;
    char note[3];
} local_pair;
typedef struct {
    unsigned __int64 whole;
} local_word;
